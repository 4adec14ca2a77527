#include "CSystem.h"

extern char **environ;

const char *lot_environment(size_t index) {
    return environ == NULL ? NULL : environ[index];
}
