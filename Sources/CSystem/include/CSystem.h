#pragma once
#include <stddef.h>
#include "Child.h"
#include "Heap.h"
#include "LotFiles.h"
#include "PrivateFiles.h"

// The variable number `index` as "NAME=value"; null after the last.
const char *lot_environment(size_t index);
