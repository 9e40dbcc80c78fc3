"""What a refused text is told: the words for syntax errors.

One mistake that people bring from prose or from other languages is one function; `mistakes` tries them in order, and
where none knows the mistake, it says what was found and what could stand there. Reading the text and going on after an
error is left to `parser`, which loads all this when it meets the first error.
"""
