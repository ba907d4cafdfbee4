"""The people of the town. Their telephone numbers are written as people write them."""

from typing import NamedTuple

from orderbell.demo.upstream import Fields
from schemas.words import Tier


class Person(NamedTuple):
    """A customer with one telephone, and perhaps with the app on it (``device``) and a mail address.

    Who follows the shop's account (``openid``) wants to hear by WeChat alone; who ``agreed`` may be told of offers.
    """

    customer_id: str
    name: str
    written: str
    tier: Tier = "regular"
    device: str | None = None
    mail: str | None = None
    openid: str | None = None
    agreed: bool = False
    role: str = "buyer"

    @property
    def number(self) -> str:
        """The eleven digits, as the vendor knows the telephone."""
        return "".join(filter(str.isdecimal, self.written))[-11:]

    @property
    def profile(self) -> Fields:
        """The record on ``customers``."""
        contact: Fields = {"contact_id": f"{self.customer_id}-1", "role": self.role, "name": self.name}
        contact |= {"phone": self.written}
        if self.device is not None:
            contact |= {"push_ids": [self.device]}
        if self.mail is not None:
            contact |= {"email": self.mail}
        profile: Fields = {"customer_id": self.customer_id, "tier": self.tier, "contacts": [contact]}
        if self.openid is not None:
            contact |= {"wechat_openid": self.openid}
            profile |= {"preferences": {"channels": ["wechat"]}}
        return profile | ({"marketing_consent": True} if self.agreed else {})


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
QIAN = Person("C11", "钱进", "139 0000 0011", tier="vip", device="1104a8979278ae64e11")
XU = Person("C12", "许诺", "139 0000 0012", tier="new")
LYU = Person("C13", "吕安", "139 0000 0013", device="1104a8979278ae64e13")
JIANG = Person("C14", "蒋文", "139 0000 0014")
SHEN = Person("C15", "沈家", "139 0000 0015", role="consignor")
HAN = Person("C16", "韩梅", "139 0000 0016", mail="hanmei@mail.example")
BAI = Person("C17", "白露", "139 0000 0017", tier="new", agreed=True)
TANG = Person("C18", "唐宁", "139 0000 0018", openid="oAbCdEfGhIjKlMnOpQrStUvWxYz1")

PEOPLE = (LIN, WANG, CHEN, ZHAO, ZHOU, SUN, WU, ZHENG, HE, FENG, QIAN, XU, LYU, JIANG, SHEN, HAN, BAI, TANG)


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
    Order("A1015", QIAN, "钢笔", "1999.00", paid=False),
    Order("A1016", LYU, "油画", "2300.00"),
    Order("A1017", HAN, "旗袍", "1280.00"),
    Order("A1018", XU, "翡翠吊坠", "3600.00"),
    Order("A1019", JIANG, "复古皮箱", "880.00"),
    Order("A1020", JIANG, "银手镯", "640.00"),
    Order("A1021", BAI, "羊皮短靴", "590.00"),
    Order("A1022", TANG, "青瓷茶具", "1160.00"),
)
