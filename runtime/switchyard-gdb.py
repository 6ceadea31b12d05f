# switchyard-gdb.py - gdb commands for programs on the green runtime, running or dumped (x86-64):
#
#   sy-tasks         all tasks: number, name, state, what they wait for
#   sy-procs         all procs: whether they are busy, with which task, how long their queues are
#   sy-bt N [ARG]    backtrace of task N; ARG is passed to gdb's bt (full, a count)
#
# Load it with `source .../switchyard-gdb.py`. It needs the debug information of the runtime, and
# changes nothing in the program: the backtrace of a task that does not run comes from an unwinder
# that, while the command runs, says that the task's saved context called the newest frame.

import gdb
import gdb.unwinder

STAGGER_BYTES = 128  # stack.h: STACK_STAGGER_BYTES

# switch.S: where sy_switch saves the registers, from the saved stack pointer on.
SAVED = {"r15": 8, "r14": 16, "r13": 24, "r12": 32, "rbx": 40, "rbp": 48, "rip": 56}
FRAME = 64


def symbol(name):
    """A variable of the runtime, also one that is static in its file."""
    found = gdb.lookup_global_symbol(name) or gdb.lookup_static_symbol(name)
    if found is None:
        raise gdb.GdbError("no %s: not a program on the green runtime, or no debug information"
                           % name)
    return found.value()


def number(value):
    """Of an atomic, too: gdb takes them for what is in them."""
    return int(value.cast(gdb.lookup_type("unsigned long")))


constants = {}  # what constant() has found in the program that is loaded


def constant(value, enum, prefix):
    """The name of an enum's constant in small letters, for a field that is only a byte."""
    if (enum, value) not in constants:
        names = [field.name for field in gdb.lookup_type("enum " + enum).fields()
                 if field.enumval == value]
        word = names[0][len(prefix):].lower().replace("_", " ") if names else "?"
        constants[enum, value] = word if word != "none" else ""
    return constants[enum, value]


gdb.events.new_objfile.connect(lambda event: constants.clear())


class Task:
    def __init__(self, value):
        self.value = value
        self.address = int(value.address)
        self.number = int(value["slot"]["index"]) + 1
        self.name = value["name"].string(errors="replace")
        self.state = constant(int(value["state"]), "task_state", "TASK_")
        self.reason = constant(int(value["reason"]), "wait_reason", "WAIT_")

    def is_blocked(self):
        return self.state == "running" and self.reason == "blocking"

    def state_word(self):
        return "blocked" if self.is_blocked() else self.state

    def waits_for(self):
        """What it waits for, in words."""
        if self.state != "parked":
            return ""
        if self.value["object"] == 0:
            return self.reason
        if self.reason == "join":
            other = self.value["object"].cast(self.value.type.unqualified().pointer())
            return "join task %d" % (int(other["slot"]["index"]) + 1)
        return self.reason + self.object_word()

    def object_word(self):
        """The number of a channel or descriptor, the address of what is in the program's storage."""
        place = int(self.value["object"])
        if self.reason in ("chan send", "chan recv"):
            chan = gdb.Value(place).cast(gdb.lookup_type("struct chan").pointer())
            return " %d" % (int(chan["slot"]["index"]) + 1)
        if self.reason in ("read", "write"):
            entries = symbol("descriptors")["all"]
            return " %d" % ((place - int(entries)) // entries.type.target().sizeof)
        return " %#x" % place + (self.owner_word() if self.reason == "mutex" else "")

    def owner_word(self):
        mutex = self.value["object"].cast(gdb.lookup_type("struct mutex").pointer())
        if mutex["owner"] == 0:
            return ""
        return " of task %d" % (int(mutex["owner"]["slot"]["index"]) + 1)


def task_at(slot):
    """The task in a slot: stack_task of stack.h."""
    region = symbol("stack_region")
    task = gdb.lookup_type("struct task")
    staggered = (slot & int(region["stagger_mask"])) * STAGGER_BYTES
    address = int(region["tasks"]) + slot * int(region["task_stride"]) - staggered
    found = Task(gdb.Value(address).cast(task.pointer()).dereference())
    if found.number != slot + 1 and found.state != "free": # whose memory may have gone
        raise gdb.GdbError("this script is for another version of the runtime")
    return found


def pool_of_tasks():
    return symbol("task_pool")


def slots():
    if int(symbol("stack_region")["base"]) == 0:
        raise gdb.GdbError("the runtime does not run")
    return number(pool_of_tasks()["carved"])


def tasks():
    for slot in range(slots()):
        task = task_at(slot)
        if task.state != "free":
            yield task


def procs():
    scheduler = symbol("scheduler")
    for index in range(number(scheduler["made"])):
        yield scheduler["all"][index]


def idle_procs():
    """The addresses of the idle procs."""
    found = set()
    proc = symbol("scheduler")["idle_first"]
    while proc != 0:
        found.add(int(proc))
        proc = proc["next_idle"]
    return found


def thread_of(task):
    """The gdb thread that runs the task, or None."""
    selected = gdb.selected_thread()
    try:
        for thread in gdb.selected_inferior().threads():
            thread.switch()
            if runs_here(task):
                return thread
    finally:
        selected.switch()
    return None


def runs_here(task):
    """True if the selected thread is on the task's stack."""
    sp = int(gdb.newest_frame().read_register("rsp"))
    region = symbol("stack_region")
    end = int(region["base"]) + task.number * int(region["stride"])
    return end - int(region["usable"]) <= sp < end


class SavedContext(gdb.unwinder.Unwinder):
    """While a task is set: the newest frame was called by that task's saved context."""

    class Id:
        def __init__(self, sp, pc):
            self.sp = sp
            self.pc = pc

    def __init__(self):
        super().__init__("switchyard saved context")
        self.sp = None  # of the task
        self.newest = None  # stack pointer of the newest frame

    def __call__(self, pending):
        if self.sp is None or int(pending.read_register("rsp")) != self.newest:
            return None
        word = gdb.lookup_type("unsigned long")
        frame_id = self.Id(gdb.Value(self.sp), pending.read_register("rip"))
        unwound = pending.create_unwind_info(frame_id)
        for register, offset in SAVED.items():
            place = gdb.Value(self.sp + offset).cast(word.pointer())
            kind = pending.read_register(register).type
            unwound.add_saved_register(register, place.dereference().cast(kind))
        stack = pending.read_register("rsp").type
        unwound.add_saved_register("rsp", gdb.Value(self.sp + FRAME).cast(stack))
        return unwound

    def backtrace(self, task, argument):
        """The text of bt, without the newest frame, which is not the task's."""
        gdb.newest_frame().select()
        self.newest = int(gdb.newest_frame().read_register("rsp"))
        self.sp = int(task.value["sp"])
        gdb.invalidate_cached_frames()
        try:
            return gdb.execute("bt " + argument, to_string=True)
        finally:
            self.sp = None
            gdb.invalidate_cached_frames()


saved_context = SavedContext()
gdb.unwinder.register_unwinder(None, saved_context, replace=True)


def without_newest_frame(text):
    """Frame 1 becomes frame 0, and so on; what belongs to frame 0 goes."""
    lines = []
    for line in text.splitlines():
        if line.startswith("#"):
            level, rest = line[1:].split(None, 1)
            shown = int(level) > 0
            line = "#%-3d%s" % (int(level) - 1, rest)
        elif not lines:
            shown = False
        if shown:
            lines.append(line)
    return "\n".join(lines)


class Tasks(gdb.Command):
    """sy-tasks: all tasks of the green runtime."""

    def __init__(self):
        super().__init__("sy-tasks", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        print("%6s  %-16s %-8s %s" % ("task", "name", "state", "waits for"))
        for task in tasks():
            row = "%6d  %-16s %-8s %s" % (task.number, task.name, task.state_word(),
                                          task.waits_for())
            print(row.rstrip())


class Procs(gdb.Command):
    """sy-procs: all procs of the green runtime."""

    def __init__(self):
        super().__init__("sy-procs", gdb.COMMAND_STACK)

    @staticmethod
    def state(proc, idle):
        if bool(proc["retired"]):
            return "retired"
        if int(proc.address) in idle:
            return "idle"
        return "blocked" if number(proc["blocking"]) != 0 else "busy"

    @staticmethod
    def runs(proc, state):
        """The task, unless its worker runs no task."""
        current = proc["current"]
        region = symbol("stack_region")
        base = int(region["base"])
        bytes = int(region["bytes"])
        if bool(region["apart"]):
            base = int(region["tasks"])
            bytes = int(region["slots"]) * int(region["task_stride"])
        if state in ("retired", "idle") or not base <= int(current) < base + bytes:
            return "-"
        return str(int(current["slot"]["index"]) + 1)

    @staticmethod
    def queued(proc):
        queue = proc["runq"]
        rings = [number(queue[ring]["tail"]) - number(queue[ring]["head"])
                 for ring in ("woken", "spawned")]
        return sum(rings) + sum(number(queue[slot]) != 0 for slot in ("next", "fresh"))

    def invoke(self, argument, from_tty):
        slots()
        idle = idle_procs()
        print("%6s  %-8s %6s %7s %9s" % ("proc", "state", "task", "queued", "switches"))
        for proc in procs():
            state = self.state(proc, idle)
            print("%6d  %-8s %6s %7d %9d" % (int(proc["index"]), state, self.runs(proc, state),
                                             self.queued(proc), number(proc["switches"])))


class Backtrace(gdb.Command):
    """sy-bt N [ARG]: the backtrace of task N; ARG is passed to bt."""

    def __init__(self):
        super().__init__("sy-bt", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        words = argument.split(None, 1)
        if not words or not words[0].isdigit():
            raise gdb.GdbError("usage: sy-bt N [ARG]; sy-tasks lists the numbers")
        wanted = int(words[0])
        if not 1 <= wanted <= slots() or task_at(wanted - 1).state == "free":
            raise gdb.GdbError("there is no task %d" % wanted)
        self.show(task_at(wanted - 1), words[1] if len(words) > 1 else "")

    @staticmethod
    def show(task, argument):
        reason = task.waits_for()
        print('task %d "%s": %s' % (task.number, task.name,
                                    task.state_word() + (", waits for " + reason
                                                         if reason else "")))
        if task.state in ("parked", "ready", "spawned"):
            print(without_newest_frame(saved_context.backtrace(task, argument)))
        elif task.state == "running":
            show_thread(thread_of(task), argument)


def show_thread(thread, argument):
    if thread is None:
        raise gdb.GdbError("no thread runs it at the moment")
    selected = gdb.selected_thread()
    try:
        thread.switch()
        print(gdb.execute("bt " + argument, to_string=True).rstrip())
    finally:
        selected.switch()


Tasks()
Procs()
Backtrace()
