"""The people of the town. Their telephone numbers are written as people write them."""

from typing import NamedTuple

from orderbell.demo.upstream import Fields


class Person(NamedTuple):
    """A customer with one telephone."""

    customer_id: str
    name: str
    written: str

    @property
    def number(self) -> str:
        """The eleven digits, as the vendor knows the telephone."""
        return "".join(filter(str.isdecimal, self.written))[-11:]

    @property
    def profile(self) -> Fields:
        """The record on ``customers``."""
        contact = {"contact_id": f"{self.customer_id}-1", "role": "buyer", "name": self.name, "phone": self.written}
        return {"customer_id": self.customer_id, "tier": "regular", "contacts": [contact]}


LIN = Person("C1", "林晓", "139 0000 0001")
WANG = Person("C2", "王芳", "+86 13900000002")
CHEN = Person("C3", "陈静", "139-0000-0003")
ZHAO = Person("C4", "赵磊", "13900000004")
ZHOU = Person("C5", "周敏", "(+86) 139 0000 0005")
SUN = Person("C6", "孙浩", "0086-139-0000-0006")
WU = Person("C7", "吴倩", "13900000007")
ZHENG = Person("C8", "郑强", "139 0000 0008")
HE = Person("C9", "何洁", "139 0000 0009")
FENG = Person("C10", "冯雪", "13900000010")

PEOPLE = (LIN, WANG, CHEN, ZHAO, ZHOU, SUN, WU, ZHENG, HE, FENG)


class Order(NamedTuple):
    """An order of one thing."""

    order_id: str
    person: Person
    name: str
    price: str
    paid: bool = True

    @property
    def item(self) -> Fields:
        """The line of ``order.placed``."""
        return {"sku": f"S{self.order_id[-2:]}", "name": self.name, "quantity": 1, "unit_price": self.price}


ORDERS = (
    Order("A1001", LIN, "羊毛大衣", "1299.00", paid=False),
    Order("A1002", WANG, "手提包", "2680.00", paid=False),
    Order("A1003", CHEN, "真丝连衣裙", "899.00"),
    Order("A1004", ZHAO, "机械腕表", "8600.00"),
    Order("A1005", ZHOU, "珍珠项链", "1680.00"),
    Order("A1006", SUN, "登山鞋", "760.00"),
    Order("A1007", WU, "相机镜头", "3200.00"),
    Order("A1008", ZHENG, "羊绒围巾", "520.00"),
    Order("A1009", FENG, "皮靴", "980.00", paid=False),
    Order("A1010", ZHAO, "丝巾", "350.00"),
    Order("A1011", WANG, "玉镯", "4500.00"),
    Order("A1012", HE, "羊皮手套", "430.00"),
    Order("A1013", HE, "胸针", "260.00"),
)
