#include "CFastFloat.h"
