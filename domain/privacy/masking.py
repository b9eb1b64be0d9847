"""Masks what tells who or where somebody is in what people wrote: jurors judge a case, not people they could call on.

Finds phone numbers, numbers of identity documents, addresses, accounts and handles, number plates, e-mail addresses and
links, in Chinese and English. It does not find names, nor what a picture shows, nor an address or handle that nothing
in the text marks as one. What looks like an order, a parcel, a serial number, an amount or a date stays.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What was masked."""

    EMAIL = "email"
    LINK = "link"
    PHONE = "phone"
    ID_NUMBER = "id_number"
    ACCOUNT = "account"
    PLATE = "plate"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Masked:
    """A stretch of the text: characters `start` to before `end`."""

    kind: Kind
    start: int
    end: int


def mask(text: str) -> str:
    """The text with each such stretch replaced by its kind in brackets, the same in every language: ⟦phone⟧."""
    parts, at = [], 0
    for one in found(text):
        parts += [text[at : one.start], f"⟦{one.kind}⟧"]
        at = one.end
    return "".join([*parts, text[at:]])


def found(text: str) -> tuple[Masked, ...]:
    """What is to be masked, in order; where two overlap the one that begins first, and then the longer one."""
    plain, places = _plain(text)
    all_found = sorted(
        (Masked(kind, places[start], places[end - 1] + 1) for kind, start, end in _found(plain)),
        key=lambda one: (one.start, -one.end),
    )
    kept: list[Masked] = []
    for one in all_found:
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
        elif one.end > kept[-1].end:
            kept[-1] = Masked(kept[-1].kind, kept[-1].start, one.end)
    return tuple(kept)


# --- the text as it reads, whatever is done to hide it

CHINESE_DIGITS: Final = dict(
    zip("〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖两", "00123456789" + "1123456789" + "2", strict=True)
)


def _plain(text: str) -> tuple[str, list[int]]:
    """The text without characters that are not seen, wide ones made narrow; and where each of its characters stood."""
    plain, places = [], []
    for place, character in enumerate(text):
        if unicodedata.category(character) in ("Cf", "Mn"):
            continue
        narrow = unicodedata.normalize("NFKC", character)
        plain.append(narrow if len(narrow) == 1 else character)
        places.append(place)
    return "".join(plain), places


def _in_digits(plain: str) -> str:
    """Chinese numerals as digits, character by character."""
    return "".join(CHINESE_DIGITS.get(one, one) for one in plain)


Check = Callable[[str], bool]


def _always(_: str) -> bool:
    return True


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _iban(text: str) -> bool:
    """Whether an IBAN's check digits are right (ISO 13616, remainder 1 by 97)."""
    packed = re.sub(r"\W", "", text).upper()
    turned = packed[4:] + packed[:4]
    return int("".join(str(int(one, 36)) for one in turned)) % 97 == 1


def _chinese_id(text: str) -> bool:
    """Whether the check character of an identity number is right (GB 11643)."""
    weights = [2**power % 11 for power in range(17, 0, -1)]
    total = sum(weight * int(digit) for weight, digit in zip(weights, text[:17], strict=True))
    return "10X98765432"[total % 11] == text[17].upper()


def _international(text: str) -> bool:
    """Whether it has as many digits as a number with a country's code (E.164); "00" begins other numbers, too."""
    return (8 if text.startswith("+") else 11) <= len(_digits(text)) <= 15  # noqa: PLR2004 - E.164


def _has_mark(text: str) -> bool:
    """Whether a word looks like a chosen name: with a digit or a mark in it."""
    return bool(re.search(r"[\d_@#-]", text))


PROVINCES: Final = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾"
    "|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
PLATE_HEADS: Final = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
HAN: Final = "[\u4e00-\u9fff]"
STREET: Final = (
    "Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Way|Court|Ct|Place|Pl|Square|Sq|Terrace|Close|Crescent"
    "|Gardens|Row|Mews|Parkway"
)
POSTCODE: Final = r"(?:[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[A-Z]{2} \d{5}(?:-\d{4})?|[A-Z]{2} [A-Z]\d[A-Z] \d[A-Z]\d)"
TOWN: Final = rf"(?:,? (?:{POSTCODE})|, [A-Z][a-z]+(?: [A-Z][a-z]+){{0,2}}(?: {POSTCODE})?)"
SAYS: Final = r"(?:[ ]?(?:号码|账号|帐号|号|id|no\.?|number|handle|account|是|为|叫|is|:|=)[ ]?){0,3}[ ]?"
CALLED: Final = (
    r"微信|威信|薇信|v信|加个?\s?[vV]|(?<![a-z])[vw]x|wechat|weixin|\bqq|扣扣|支付宝|alipay|闲鱼|淘宝|抖音|telegram|\btg\b|instagram"
    r"|whatsapp|skype|discord|paypal|my handle(?: there)?|账号|帐号"
)
NOT_A_NUMBER: Final = r"(?<![A-Za-z0-9])(?<!\d[.,])"
ENDS: Final = r"(?![A-Za-z0-9])"

# The pieces of an address: province, city and district; the street with its number; building, floor and room.
AREAS: Final = (
    rf"(?:(?:{PROVINCES})(?:省|市|自治区|特别行政区)?)?(?:{HAN}{{2,4}}?(?:市|州|盟))?"
    rf"(?:{HAN}{{1,6}}?(?:区|县|镇|乡|街道)){{0,3}}"
)
STREETS: Final = (
    rf"{HAN}{{1,12}}?(?:路|街|大道|道|巷|弄|胡同|村|里|中段|步行街){HAN}{{0,3}}\d{{1,5}}(?:号|弄)(?:院|附\d{{1,3}}号)?"
)
BUILDING: Final = rf"(?:{HAN}{{2,10}}?(?:大厦|广场|国际|花园|小区|西区|东区))?"
ROOM: Final = r"(?:号楼|号院|号|栋|幢|座|楼|单元|室|层)"
ROOMS: Final = (
    rf"(?:(?:{HAN}|[A-Za-z0-9-]){{0,12}}?(?:\d{{1,4}}|[A-Z]){ROOM})*{BUILDING}"
    rf"(?:\d{{1,2}}-\d{{1,2}}-\d{{2,4}}|\d{{1,4}}{ROOM}?|[A-Z]座){{0,4}}"
)
FLAT: Final = r"(?:Flat|Apt|Apartment|Unit|Suite) \w{1,6}"
HOUSE: Final = rf"{NOT_A_NUMBER}\d{{1,5}}[A-Za-z]? (?:[A-Z][\w'.]{{0,20}} ){{1,4}}?(?:{STREET})\b\.?(?: [NS][EW]\b)?"
NAME: Final = r"[A-Za-z][\w.:-]{3,30}\w(?:#\d{4})?"
HOSTS: Final = r"(?:com|cn|net|org|io|me|cc|top|xyz|shop|co|uk|example)(?:\.cn|\.uk)?"

# What is looked for, in which form of the text, and what else has to hold. Repetitions are bounded: time is linear.
PATTERNS: Final[tuple[tuple[Kind, str, Check], ...]] = (
    (Kind.EMAIL, r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}", _always),
    (
        Kind.EMAIL,
        r"[A-Za-z0-9._-]{1,64} ?[(\[] ?at ?[)\]] ?[\w-]{1,63}(?: ?[(\[] ?dot ?[)\]] ?[\w-]{1,63}){1,4}",
        _always,
    ),
    (Kind.LINK, r"https?://[^\s\u3000-\u9fff,。，)]{1,500}", _always),
    (Kind.LINK, rf"(?<![\w@.-])(?:[a-z0-9-]{{1,63}}\.){{1,4}}{HOSTS}/[\w./?=&%#-]{{1,300}}", _always),
    (Kind.LINK, r"(?<![\w@.-])bit\.[a-z]{2,10}/\w{1,100}|(?<![\w@.-])www\.[\w-]{1,63}\.[\w./?=&%#-]{2,300}", _always),
    (Kind.PHONE, rf"{NOT_A_NUMBER}(?:\+?86[ -]?)?1 ?[3-9](?:[ -]?\d){{9}}{ENDS}", _always),
    (Kind.PHONE, rf"{NOT_A_NUMBER}(?:\(0\d{{2,3}}\) ?|0\d{{2,3}}[ -])\d{{4}} ?\d{{3,4}}{ENDS}", _always),
    (Kind.PHONE, rf"{NOT_A_NUMBER}400-?\d{{3}}-?\d{{4}}{ENDS}", _always),
    (Kind.PHONE, rf"(?:{NOT_A_NUMBER}00|\+)[1-9]\d{{0,2}}(?:[ -]?\(?\d{{1,4}}\)?){{2,6}}{ENDS}", _international),
    (
        Kind.PHONE,
        rf"(?:{NOT_A_NUMBER}1[ -])?(?:\(\d{{3}}\) ?|{NOT_A_NUMBER}\d{{3}}[ .-])\d{{3}}[ .-]\d{{4}}{ENDS}",
        _always,
    ),
    (Kind.PHONE, rf"{NOT_A_NUMBER}0\d{{2,4}} \d{{3,4}} ?\d{{3,4}}{ENDS}", _always),
    (
        Kind.PHONE,
        rf"(?i:phone|call|tel|mobile|reached on)[a-z ]{{0,12}}:? ?\d{{3}}(?:[ -]\d{{3,4}}){{1,3}}{ENDS}",
        _always,
    ),
    (Kind.ID_NUMBER, rf"{NOT_A_NUMBER}[1-9]\d{{5}}(?:19|20)\d{{2}}[01]\d[0-3]\d{{4}}[\dXx]{ENDS}", _chinese_id),
    (Kind.ID_NUMBER, rf"身份证[号码:是 ]{{0,5}}\d{{15}}{ENDS}", _always),
    (Kind.ID_NUMBER, rf"护照[号码:是 ]{{0,5}}[A-Za-z]{{1,2}}\d{{7,8}}{ENDS}", _always),
    (Kind.ID_NUMBER, rf"(?i:passport)[,:]? ?(?i:number|no\.?)?(?i: is|:)? ?[A-Z]{{0,2}}\d{{7,9}}{ENDS}", _always),
    (Kind.ID_NUMBER, rf"(?i:ssn|social security)[ a-z:]{{0,10}}\d{{3}}-\d{{2}}-\d{{4}}{ENDS}", _always),
    (Kind.ACCOUNT, rf"{NOT_A_NUMBER}(?:62\d{{2}}|[345]\d{{3}})(?:[ -]\d{{4}}){{3}}(?:[ -]\d{{1,4}})?{ENDS}", _always),
    (Kind.ACCOUNT, rf"{NOT_A_NUMBER}62\d{{14,17}}{ENDS}", _always),
    (Kind.ACCOUNT, rf"(?:卡号?|银行卡|账号|帐号|(?i:card))[^\d\n]{{0,12}}\d(?:[ -]?\d){{12,18}}{ENDS}", _always),
    (Kind.ACCOUNT, rf"{NOT_A_NUMBER}[A-Z]{{2}}\d{{2}}(?: ?[A-Z0-9]{{4}}){{2,7}}(?: ?[A-Z0-9]{{1,3}})?{ENDS}", _iban),
    (
        Kind.ACCOUNT,
        rf"(?i:account|sort code)[ a-z:]{{0,8}}\d{{2}}-\d{{2}}-\d{{2}}{ENDS}|(?i:account)[ :]{{1,2}}\d{{6,12}}{ENDS}",
        _always,
    ),
    (
        Kind.ACCOUNT,
        rf"(?i:(?:{CALLED}){SAYS})@?{NAME}(?: ?(?:和|、|and|or) ?{NAME})?",
        lambda one: _has_mark(re.split("[ :：是]", one)[-1]),
    ),
    (Kind.ACCOUNT, rf"(?i:(?:{CALLED}){SAYS})\d{{5,12}}{ENDS}", _always),
    (Kind.ACCOUNT, rf"(?i:(?:{CALLED}){SAYS})@[\w.]{{3,30}}", _always),
    (Kind.ACCOUNT, r"(?<![\w/])u/[\w-]{3,30}", _always),
    (Kind.PLATE, rf"[{PLATE_HEADS}][A-HJ-NP-Z] ?[·.-]? ?(?=[A-HJ-NP-Z]{{0,5}}\d)[A-HJ-NP-Z0-9]{{5,6}}{ENDS}", _always),
    (
        Kind.PLATE,
        rf"(?i:plate|reg|registration)(?: is|:)? (?=[A-Z ]{{0,7}}\d)[A-Z]{{1,3}}(?:[ -]?[A-Z0-9]{{1,4}}){{1,2}}{ENDS}",
        _always,
    ),
    (Kind.ADDRESS, AREAS + STREETS + ROOMS, _always),
    (Kind.ADDRESS, rf"(?:{FLAT},? )?{HOUSE}(?:,? {FLAT})?{TOWN}{{0,3}}", _always),
    (Kind.ADDRESS, rf"(?i:p\.?o\.? box) \d{{1,6}}{TOWN}{{0,3}}", _always),
    (Kind.ADDRESS, rf"{NOT_A_NUMBER}[A-Z]{{1,2}}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{{2}}{ENDS}", _always),
)
COMPILED: Final = tuple((kind, re.compile(pattern), check) for kind, pattern, check in PATTERNS)
IN_DIGITS: Final = re.compile(rf"{NOT_A_NUMBER}1[3-9]\d{{9}}{ENDS}")


def _found(plain: str) -> Iterator[tuple[Kind, int, int]]:
    for kind, pattern, check in COMPILED:
        for match in pattern.finditer(plain):
            if check(match.group()):
                yield kind, match.start(), match.end()
    for match in IN_DIGITS.finditer(_in_digits(plain)):
        yield Kind.PHONE, match.start(), match.end()
