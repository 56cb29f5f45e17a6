"""Letters and cards on paper, with codes that a telephone's camera reads."""

from adapters.paper.pages import Sheet, to_pdf

__all__ = ["Sheet", "to_pdf"]
