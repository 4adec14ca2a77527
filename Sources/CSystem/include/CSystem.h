#pragma once
#include "LotFiles.h"
