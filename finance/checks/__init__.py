"""The rules of `finance.verify`, a room for each part of the books: a sentence, and the query that finds breaches."""
