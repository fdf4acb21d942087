"""One HTML file that holds the canvas with a run to step through: no server, no network, nothing beside it."""

from explorer.standalone.page import Beside, Page, to_html

__all__ = ["Beside", "Page", "to_html"]
