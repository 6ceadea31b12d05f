/* switchyard.h - the whole public API. */
#ifndef SWITCHYARD_H
#define SWITCHYARD_H

#include <switchyard/chan.h>
#include <switchyard/debug.h>
#include <switchyard/io.h>
#include <switchyard/local.h>
#include <switchyard/scope.h>
#include <switchyard/select.h>
#include <switchyard/stats.h>
#include <switchyard/sync.h>
#include <switchyard/task.h>
#include <switchyard/time.h>
#include <switchyard/types.h>

#endif
