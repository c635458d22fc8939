"""Old names of `page`, `layouts` and `templates`, until every import follows."""

from pdfkit_cli.content.packaged import PACKAGE as PACKAGE
from pdfkit_cli.content.packaged import packaged_folder as packaged_folder
from pdfkit_cli.pdf.cmyk import Inks as Inks
from pdfkit_cli.rendering.layouts import TEXT_FONT as TEXT_FONT
from pdfkit_cli.rendering.layouts import Layouts as Layouts
from pdfkit_cli.rendering.page import BASE_URL as BASE_URL
from pdfkit_cli.rendering.page import DeclaredFile as DeclaredFile
from pdfkit_cli.rendering.page import Identity as Identity
from pdfkit_cli.rendering.page import Page as Page
from pdfkit_cli.rendering.page import Stylesheet as Stylesheet
from pdfkit_cli.rendering.page import page_key as page_key
from pdfkit_cli.rendering.templates import qr_code as qr_code
