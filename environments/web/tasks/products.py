"""The kinds of products that shops sell, with styles, options and price ranges. Data only."""

from __future__ import annotations

from typing import NamedTuple


class ProductKind(NamedTuple):
    """A kind of product. `low`, `high`: prices in dollars; `features` fill descriptions and WebShop's attributes."""

    noun: str
    category: str
    low: int
    high: int
    styles: tuple[str, ...]
    options: dict[str, tuple[str, ...]]
    features: tuple[str, ...]


BRANDS = (
    "Alderway", "Brightfell", "Corvane", "Dunmere", "Eastholm", "Farrow & Pike", "Glenmoor", "Hallbrook", "Ivora", "Junia",
    "Kestrel", "Lowen", "Marlowe", "Northcliff", "Ostara", "Penhale", "Quillon", "Redmire", "Sorrel", "Tamsin",
    "Verity", "Wexley",
)  # fmt: skip

_COLOURS = ("black", "white", "red", "navy", "olive", "grey", "teal", "sand")
_SIZES = ("XS", "S", "M", "L", "XL", "XXL")

PRODUCT_KINDS: tuple[ProductKind, ...] = (
    ProductKind(
        "Electric Kettle",
        "Kitchen",
        22,
        95,
        ("Compact", "Steel", "Glass", "Gooseneck"),
        {"colour": _COLOURS, "capacity": ("1.0 L", "1.5 L", "1.7 L")},
        ("auto shut off", "stainless steel", "bpa free", "fast boiling"),
    ),
    ProductKind(
        "Coffee Grinder",
        "Kitchen",
        30,
        180,
        ("Burr", "Manual", "Quiet"),
        {"colour": _COLOURS},
        ("ceramic burrs", "easy clean", "adjustable grind", "low noise"),
    ),
    ProductKind(
        "Frying Pan",
        "Kitchen",
        15,
        90,
        ("Cast Iron", "Ceramic", "Nonstick"),
        {"size": ("20 cm", "24 cm", "28 cm")},
        ("non stick", "dishwasher safe", "oven safe", "induction ready"),
    ),
    ProductKind(
        "Water Bottle",
        "Kitchen",
        9,
        45,
        ("Insulated", "Steel", "Sport"),
        {"colour": _COLOURS, "capacity": ("500 ml", "750 ml", "1 L")},
        ("leak proof", "bpa free", "double wall", "easy carry"),
    ),
    ProductKind(
        "Desk Lamp",
        "Home",
        18,
        120,
        ("Arc", "Folding", "Clamp"),
        {"colour": _COLOURS},
        ("dimmable light", "usb charging", "energy saving", "touch control"),
    ),
    ProductKind(
        "Throw Blanket",
        "Home",
        20,
        110,
        ("Wool", "Cotton", "Fleece"),
        {"colour": _COLOURS, "size": ("130 x 170 cm", "150 x 200 cm")},
        ("machine washable", "soft touch", "easy care", "hypoallergenic"),
    ),
    ProductKind(
        "Wall Clock",
        "Home",
        14,
        80,
        ("Oak", "Silent", "Retro"),
        {"colour": _COLOURS},
        ("silent movement", "easy install", "battery powered", "large digits"),
    ),
    ProductKind(
        "Storage Basket",
        "Home",
        10,
        60,
        ("Seagrass", "Cotton Rope", "Willow"),
        {"size": ("small", "medium", "large")},
        ("hand woven", "easy carry", "space saving", "natural fibre"),
    ),
    ProductKind(
        "Rain Jacket",
        "Clothing",
        45,
        240,
        ("Packable", "Trail", "City"),
        {"colour": _COLOURS, "size": _SIZES},
        ("water resistant", "wind proof", "sealed seams", "long sleeve"),
    ),
    ProductKind(
        "Wool Sweater",
        "Clothing",
        35,
        160,
        ("Cable Knit", "Crew Neck", "Roll Neck"),
        {"colour": _COLOURS, "size": _SIZES},
        ("merino wool", "hand wash", "regular fit", "long sleeve"),
    ),
    ProductKind(
        "Running Shoes",
        "Clothing",
        50,
        190,
        ("Trail", "Road", "Cushioned"),
        {"colour": _COLOURS, "size": ("37", "38", "39", "40", "41", "42", "43", "44")},
        ("non slip", "arch support", "breathable mesh", "rubber sole"),
    ),
    ProductKind(
        "Canvas Backpack",
        "Bags",
        35,
        150,
        ("Roll Top", "Everyday", "Hiking"),
        {"colour": _COLOURS, "capacity": ("18 L", "25 L", "32 L")},
        ("water resistant", "laptop sleeve", "padded straps", "easy carry"),
    ),
    ProductKind(
        "Travel Case",
        "Bags",
        60,
        260,
        ("Hard Shell", "Cabin", "Expandable"),
        {"colour": _COLOURS, "size": ("cabin", "medium", "large")},
        ("spinner wheels", "tsa lock", "scratch resistant", "light weight"),
    ),
    ProductKind(
        "Bluetooth Speaker",
        "Electronics",
        25,
        220,
        ("Portable", "Mini", "Outdoor"),
        {"colour": _COLOURS},
        ("long battery", "water resistant", "stereo pairing", "usb charging"),
    ),
    ProductKind(
        "Wireless Headphones",
        "Electronics",
        40,
        320,
        ("Over-Ear", "On-Ear", "Studio"),
        {"colour": _COLOURS},
        ("noise cancelling", "long battery", "fast charging", "memory foam"),
    ),
    ProductKind(
        "Phone Stand",
        "Electronics",
        8,
        40,
        ("Folding", "Weighted", "Magnetic"),
        {"colour": _COLOURS},
        ("non slip", "adjustable height", "cable slot", "easy carry"),
    ),
    ProductKind(
        "Garden Shears",
        "Garden",
        14,
        70,
        ("Long Handle", "Bypass", "Precision"),
        {"length": ("20 cm", "45 cm", "60 cm")},
        ("carbon steel", "non slip", "safety lock", "rust resistant"),
    ),
    ProductKind(
        "Planter",
        "Garden",
        12,
        85,
        ("Terracotta", "Hanging", "Self-Watering"),
        {"colour": _COLOURS, "size": ("small", "medium", "large")},
        ("frost proof", "drainage hole", "uv resistant", "light weight"),
    ),
    ProductKind(
        "Yoga Mat",
        "Sports",
        18,
        90,
        ("Cork", "Extra Thick", "Travel"),
        {"colour": _COLOURS, "thickness": ("4 mm", "6 mm", "8 mm")},
        ("non slip", "easy clean", "eco friendly", "carry strap"),
    ),
    ProductKind(
        "Resistance Bands",
        "Sports",
        10,
        50,
        ("Fabric", "Loop", "Tube"),
        {"strength": ("light", "medium", "heavy")},
        ("non slip", "travel bag", "latex free", "machine washable"),
    ),
)
MATERIALS = {
    "Kitchen": ("steel", "aluminium", "glass", "ceramic"),
    "Home": ("oak", "cotton", "linen", "bamboo"),
    "Clothing": ("merino wool", "organic cotton", "recycled polyester"),
    "Bags": ("canvas", "recycled nylon", "leather"),
    "Electronics": ("aluminium", "recycled plastic", "steel"),
    "Garden": ("steel", "terracotta", "oak"),
    "Sports": ("natural rubber", "cork", "recycled plastic"),
}
"""Possible materials, by category."""
