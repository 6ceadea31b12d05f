/* tso.pml - memory as x86-64 shows it: each thread has a first-in first-out store buffer.
 *
 * A store goes into the thread's buffer; its drain process moves the oldest entry to memory at any
 * later time. A load takes the newest entry for the address from the thread's own buffer, else
 * memory. A locked instruction and a full fence wait until the own buffer is empty.
 * Loads are executed in program order, as on TSO machines; what weaker machines add (aarch64) is
 * not modelled here, there the acquire and release of the code are what orders.
 *
 * Before including it, define THREADS and ADDRESSES. DEPTH is the length of a buffer; a thread
 * with a full one waits, so it must hold the stores that a thread makes between two fences.
 */
#ifndef DEPTH
#define DEPTH 4
#endif

byte memory[ADDRESSES];
chan buffer[THREADS] = [DEPTH] of { byte, byte };

/* Scratch of load; no part of the state. */
hidden byte tso_left, tso_address, tso_value;

inline store(thread, address, value)
{
    buffer[thread]!address, value
}

inline load(thread, address, value)
{
    d_step {
        value = memory[address];
        tso_left = len(buffer[thread]);
        do
        :: tso_left > 0 ->
            buffer[thread]?tso_address, tso_value;
            buffer[thread]!tso_address, tso_value;
            if
            :: tso_address == address -> value = tso_value
            :: else
            fi;
            tso_left--
        :: else -> break
        od;
        tso_address = 0;
        tso_value = 0
    }
}

/* A load in a condition, for addresses that the thread itself has not stored to. */
#define SEES(address) memory[address]

/* A full fence; also the guard of a locked instruction: atomic { fence(t); memory[a] = ... }. */
#define fence(thread) empty(buffer[thread])

proctype drain(byte thread)
{
    byte address, value;
end:
    do
    :: d_step { buffer[thread]?address, value; memory[address] = value; address = 0; value = 0 }
    od
}
