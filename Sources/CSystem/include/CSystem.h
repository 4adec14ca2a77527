#pragma once
#include "Heap.h"
#include "LotFiles.h"
