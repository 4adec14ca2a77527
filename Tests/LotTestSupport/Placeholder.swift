import LotCore
