#include <stdbool.h>
#include <unicorn/unicorn.h>

// Calls with variable arguments, which Swift does not import.

static inline uc_err unicorn_set_cpu_model(uc_engine *engine, int model) {
  return uc_ctl_set_cpu_model(engine, model);
}

static inline uc_err unicorn_forget_code(uc_engine *engine, uint64_t begin, uint64_t end) {
  return uc_ctl_remove_cache(engine, begin, end);
}

static inline uc_err unicorn_add_hook(uc_engine *engine, uc_hook *hook, int type, void *callback,
                                      void *user_data) {
  return uc_hook_add(engine, hook, type, callback, user_data, 1, 0);
}

// Called at every instruction, millions of times a second, so it is in C and has no more than it
// needs: it counts, stops the engine at the limit, and notices what nothing else tells.
struct instruction_trace {
  uint64_t executed;      // instructions begun
  uint64_t limit;         // no instruction begins when `executed` has reached it
  uint32_t address;       // of the instruction begun last
  uint32_t breakpoint;    // the instruction there does not begin; 1 for none
  bool stopped;           // at the limit
  bool sent_event;        // SEV was executed
  const uint8_t *code[4]; // by the address's top four bits: ROM, flash, SRAM, nothing
  uint32_t mask[4];       // and how much of the address counts there
};

static inline void unicorn_trace_instruction(uc_engine *engine, uint64_t address, uint32_t size,
                                             void *user_data) {
  struct instruction_trace *trace = (struct instruction_trace *)user_data;
  if (trace->executed >= trace->limit || address == trace->breakpoint) {
    trace->stopped = true;
    uc_emu_stop(engine);
    return;
  }
  trace->executed += 1;
  trace->address = (uint32_t)address;
  uint32_t region = ((uint32_t)address >> 28) & 3;
  if (!trace->code[region]) return;
  uint32_t offset = (uint32_t)address & trace->mask[region];
  uint16_t code = (uint16_t)(trace->code[region][offset] | trace->code[region][offset + 1] << 8);
  // CPSIE i, or MSR to whichever register: an interrupt may have to be taken before the next one.
  if (code == 0xB662 || (code & 0xFFF0) == 0xF380) trace->limit = trace->executed;
  if (code == 0xBF40) trace->sent_event = true;
}

static inline uc_err unicorn_add_trace(uc_engine *engine, uc_hook *hook,
                                       struct instruction_trace *trace) {
  return uc_hook_add(engine, hook, UC_HOOK_CODE, (void *)unicorn_trace_instruction, trace, 1, 0);
}
