"""Hand-written types of the part of pjsua2 that we use: reading it is reading our surface."""

from collections.abc import Iterator, Sequence
from typing import Any

PJMEDIA_FORMAT_PCM: int
PJMEDIA_FRAME_TYPE_AUDIO: int
PJMEDIA_FRAME_TYPE_NONE: int
PJMEDIA_TYPE_AUDIO: int
PJSIP_INV_STATE_CONFIRMED: int
PJSIP_INV_STATE_DISCONNECTED: int
PJSIP_INV_STATE_EARLY: int
PJSIP_ROLE_UAC: int
PJSIP_TSX_STATE_COMPLETED: int
PJSIP_TRANSPORT_TCP: int
PJSIP_TRANSPORT_UDP: int
PJSIP_TRANSPORT_UDP6: int
PJSUA_100REL_OPTIONAL: int
PJSUA_CALL_REINIT_MEDIA: int
PJSUA_IPV6_DISABLED: int
PJSUA_IPV6_ENABLED_USE_IPV6_ONLY: int
PJSUA_SIP_TIMER_INACTIVE: int
PJSUA_SIP_TIMER_OPTIONAL: int
PJSUA_STUN_USE_DEFAULT: int
PJSUA_STUN_USE_DISABLED: int
PJ_TURN_TP_UDP: int
PJSIP_REDIRECT_ACCEPT: int
PJSIP_REDIRECT_REJECT: int
PJSUA_CALL_MEDIA_ACTIVE: int
PJSUA_CALL_MEDIA_LOCAL_HOLD: int
PJSUA_CALL_MEDIA_REMOTE_HOLD: int
PJSUA_CALL_UNHOLD: int
PJSUA_CALL_UPDATE_CONTACT: int
PJSUA_CALL_UPDATE_VIA: int
PJSUA_DTMF_METHOD_RFC2833: int
PJSUA_DTMF_METHOD_SIP_INFO: int
PJSUA_INVALID_ID: int

class Error(Exception):
    status: int

class ByteVector:
    this: Any
    def resize(self, size: int) -> None: ...
    def assign(self, count: int, value: int) -> None: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[int]: ...
    def __setitem__(self, place: int, value: int) -> None: ...
    def __bytes__(self) -> bytes: ...

class MediaFrame:
    this: Any
    type: int
    size: int
    buf: ByteVector

class MediaFormatAudio:
    def init(
        self, format_id: int, clock_rate: int, channels: int, frame_us: int, bits: int
    ) -> None: ...

class AudioMedia:
    def startTransmit(self, sink: AudioMedia) -> None: ...
    def stopTransmit(self, sink: AudioMedia) -> None: ...

class SoundPort(AudioMedia):
    def __init__(self, name: str) -> None: ...
    def connect(self, give: int, take: int, context: int) -> None: ...
    def keep(self, on: bool) -> None: ...
    def drain(self) -> bytes: ...

class AudioMediaPort(AudioMedia):
    def __init__(self) -> None: ...
    def createPort(self, name: str, audio: MediaFormatAudio) -> None: ...
    def onFrameRequested(self, frame: MediaFrame) -> None: ...
    def onFrameReceived(self, frame: MediaFrame) -> None: ...

class UaConfig:
    threadCnt: int
    mainThreadOnly: bool
    maxCalls: int
    userAgent: str

class LogConfig:
    level: int
    consoleLevel: int
    msgLogging: int

class MediaConfig:
    clockRate: int
    sndClockRate: int
    audioFramePtime: int
    ecTailLen: int
    noVad: bool
    hasIoqueue: bool
    threadCnt: int
    jbMax: int
    jbMaxPre: int

class EpConfig:
    uaConfig: UaConfig
    logConfig: LogConfig
    medConfig: MediaConfig

class SockOpt:
    def __init__(self, level: int, name: int, value: int) -> None: ...

class SockOptParams:
    sockOpts: _Vector

class TransportConfig:
    sockOptParams: SockOptParams
    boundAddress: str
    port: int

class CodecInfo:
    codecId: str
    priority: int

class AudDevManager:
    def setNoDev(self) -> int: ...
    def setNullDev(self) -> None: ...

class LibVersion:
    full: str

class Endpoint:
    def libCreate(self) -> None: ...
    def libVersion(self) -> LibVersion: ...
    def libInit(self, config: EpConfig) -> None: ...
    def libStart(self) -> None: ...
    def libDestroy(self) -> None: ...
    def libRegisterThread(self, name: str) -> None: ...
    def libHandleEvents(self, msec: int) -> int: ...
    def transportCreate(self, kind: int, config: TransportConfig) -> int: ...
    def audDevManager(self) -> AudDevManager: ...
    def codecEnum2(self) -> Sequence[CodecInfo]: ...
    def codecSetPriority(self, codec: str, priority: int) -> None: ...
    def natUpdateStunServers(self, servers: StringVector, wait: bool) -> None: ...

class AuthCredInfo:
    def __init__(self, scheme: str, realm: str, user: str, data_type: int, data: str) -> None: ...

class _Vector:
    def append(self, item: Any) -> None: ...

class StringVector:
    def append(self, item: str) -> None: ...

class SrtpCrypto:
    key: str
    name: str
    flags: int

class SrtpCryptoVector:
    def append(self, item: SrtpCrypto) -> None: ...

class SrtpOpt:
    cryptos: SrtpCryptoVector

class AccountRegConfig:
    registrarUri: str
    timeoutSec: int
    registerOnAdd: bool
    disableRegOnModify: bool
    retryIntervalSec: int
    firstRetryIntervalSec: int
    randomRetryIntervalSec: int
    proxyUse: int
    unregWaitMsec: int

class AccountSipConfig:
    authCreds: _Vector
    proxies: StringVector
    transportId: int

class AccountNatConfig:
    sipOutboundUse: int
    sipOutboundInstanceId: str
    contactRewriteUse: int
    viaRewriteUse: int
    sdpNatRewriteUse: int
    iceEnabled: bool
    sipStunUse: int
    mediaStunUse: int
    turnEnabled: bool
    turnServer: str
    turnConnType: int
    turnUserName: str
    turnPasswordType: int
    turnPassword: str

class AccountMediaConfig:
    srtpUse: int
    srtpSecureSignaling: int
    srtpOpt: SrtpOpt
    transportConfig: TransportConfig
    ipv6Use: int

class AccountCallConfig:
    prackUse: int
    timerUse: int
    timerMinSESec: int
    timerSessExpiresSec: int

class AccountConfig:
    idUri: str
    regConfig: AccountRegConfig
    sipConfig: AccountSipConfig
    natConfig: AccountNatConfig
    mediaConfig: AccountMediaConfig
    callConfig: AccountCallConfig

class SipRxData:
    srcAddress: str
    wholeMsg: str

class OnRegStateParam:
    code: int
    expiration: int
    reason: str

class OnIncomingCallParam:
    callId: int
    rdata: SipRxData

class OnCallStateParam: ...
class OnCallMediaStateParam: ...

class Account:
    def __init__(self) -> None: ...
    def create(self, config: AccountConfig) -> None: ...
    def modify(self, config: AccountConfig) -> None: ...
    def setRegistration(self, renew: bool) -> None: ...
    def shutdown(self) -> None: ...

class CallSetting:
    flag: int
    audioCount: int
    videoCount: int

class SipHeader:
    hName: str
    hValue: str

class SipTxOption:
    headers: _Vector

class CallSendDtmfParam:
    digits: str
    method: int

class OnCallTransferStatusParam:
    statusCode: int
    finalNotify: bool
    cont: bool

class OnCallTransferRequestParam:
    dstUri: str
    statusCode: int
    newCall: Call

class OnCallRedirectedParam:
    targetUri: str

class SipTransaction:
    role: int
    state: int
    method: str
    statusCode: int

class TsxStateSource:
    rdata: SipRxData

class TsxStateEvent:
    tsx: SipTransaction
    src: TsxStateSource

class SipEventBody:
    tsxState: TsxStateEvent

class SipEvent:
    body: SipEventBody

class OnCallTsxStateParam:
    e: SipEvent

class OnCallReplacedParam:
    newCallId: int
    newCall: Call

class CallOpParam:
    txOption: SipTxOption
    opt: CallSetting
    statusCode: int
    reason: str
    def __init__(self, use_default_call_setting: bool = False) -> None: ...

class CallMediaInfo:
    index: int
    type: int
    status: int

class CallInfo:
    state: int
    remoteUri: str
    lastStatusCode: int
    lastReason: str
    media: Sequence[CallMediaInfo]

class StreamInfo:
    codecName: str

class MathStat:
    last: int

class RtcpStreamStat:
    pkt: int
    loss: int
    discard: int
    jitterUsec: MathStat
    updateCount: int

class RtcpStat:
    rxStat: RtcpStreamStat
    txStat: RtcpStreamStat
    rttUsec: MathStat

class JbufState:
    avgBurst: int
    avgDelayMsec: int
    burst: int
    discard: int

class StreamStat:
    rtcp: RtcpStat
    jbuf: JbufState

class Call:
    def __init__(self, account: Account, call_id: int = -1) -> None: ...
    def getInfo(self) -> CallInfo: ...
    def getId(self) -> int: ...
    def makeCall(self, uri: str, prm: CallOpParam) -> None: ...
    def answer(self, prm: CallOpParam) -> None: ...
    def hangup(self, prm: CallOpParam) -> None: ...
    def setHold(self, prm: CallOpParam) -> None: ...
    def reinvite(self, prm: CallOpParam) -> None: ...
    def sendDtmf(self, param: CallSendDtmfParam) -> None: ...
    def xfer(self, uri: str, prm: CallOpParam) -> None: ...
    def xferReplaces(self, other: Call, prm: CallOpParam) -> None: ...
    def getAudioMedia(self, index: int) -> AudioMedia: ...
    def getStreamInfo(self, index: int) -> StreamInfo: ...
    def getStreamStat(self, index: int) -> StreamStat: ...
    def dump(self, with_media: bool, indent: str) -> str: ...
