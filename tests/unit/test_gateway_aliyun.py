import pytest

from agents.gateways.aliyun import AliyunGateway
from agents.gateways.gateway import SmsGateway
from agents.gateways.http import Http
from schemas.calls import ErrorClass
from streams.settings import Aliyun, Secret
from tests.clock import ManualClock
from tests.gateway_contract import GatewayContract, Vendor


class AliyunVendor:
    yes = b'{"Code":"OK","Message":"OK","BizId":"900619746936498440^0","RequestId":"F655A8D5"}'
    message_id = "900619746936498440^0"
    no = '{"Code":"isv.MOBILE_NUMBER_ILLEGAL","Message":"手机号码格式错误","RequestId":"F655A8D5"}'.encode()
    code = "isv.MOBILE_NUMBER_ILLEGAL"
    error_class = ErrorClass.BAD_NUMBER

    def gateway(self, address: str, over: Http, clock: ManualClock) -> SmsGateway:
        return AliyunGateway(Aliyun(Secret("key"), Secret("secret"), address), over, clock)


class TestAliyun(GatewayContract):
    @pytest.fixture
    def vendor(self) -> Vendor:
        return AliyunVendor()
