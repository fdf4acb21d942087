"""What a run can be taken away as: DOT, SVG, PNG, PDF, JSON, plain text, HTML, springs, the derivation."""

from explorer.export.derivation import Derivation, derive
from explorer.export.dot import to_dot
from explorer.export.html import to_html
from explorer.export.json import to_json, to_json_text
from explorer.export.pdf import to_pdf
from explorer.export.physics import to_physics
from explorer.export.png import to_png
from explorer.export.saved import load, save
from explorer.export.show import show
from explorer.export.svg import to_svg
from explorer.export.text import to_steps, to_table

__all__ = [
    "Derivation",
    "derive",
    "load",
    "save",
    "show",
    "to_dot",
    "to_html",
    "to_json",
    "to_json_text",
    "to_pdf",
    "to_physics",
    "to_png",
    "to_steps",
    "to_svg",
    "to_table",
]
