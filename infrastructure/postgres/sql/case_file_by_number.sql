-- The case that a person names by its number.
SELECT dispute FROM views.case_file WHERE number = %(number)s
