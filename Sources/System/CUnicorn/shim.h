#include <dlfcn.h>
#include <stdbool.h>
#include <unicorn/unicorn.h>

// The library is large, and a program that links it takes 3 ms longer to start. So it is loaded when
// the first engine is made, and a program that makes none can do without it.
struct unicorn_library {
  __typeof__(&uc_open) open;
  __typeof__(&uc_close) close;
  __typeof__(&uc_strerror) strerror;
  __typeof__(&uc_ctl) ctl;
  __typeof__(&uc_hook_add) hook_add;
  __typeof__(&uc_mem_map_ptr) mem_map_ptr;
  __typeof__(&uc_mem_unmap) mem_unmap;
  __typeof__(&uc_mmio_map) mmio_map;
  __typeof__(&uc_reg_read) reg_read;
  __typeof__(&uc_reg_write) reg_write;
  __typeof__(&uc_emu_start) emu_start;
  __typeof__(&uc_emu_stop) emu_stop;
};

// False if the library, or something of it, is not there.
static inline bool unicorn_load(struct unicorn_library *library) {
  void *handle = dlopen("libunicorn.so.2", RTLD_NOW | RTLD_LOCAL);
  if (!handle) return false;
#define LOOK_UP(name) (library->name = (__typeof__(&uc_##name))dlsym(handle, "uc_" #name))
  bool has_all = LOOK_UP(open) && LOOK_UP(close) && LOOK_UP(strerror) && LOOK_UP(ctl) &&
                 LOOK_UP(hook_add) && LOOK_UP(mem_map_ptr) && LOOK_UP(mem_unmap) &&
                 LOOK_UP(mmio_map) && LOOK_UP(reg_read) && LOOK_UP(reg_write) &&
                 LOOK_UP(emu_start) && LOOK_UP(emu_stop);
#undef LOOK_UP
  return has_all;
}

// Calls with variable arguments, which Swift does not import.

static inline uc_err unicorn_set_cpu_model(const struct unicorn_library *library,
                                           uc_engine *engine, int model) {
  return library->ctl(engine, UC_CTL_WRITE(UC_CTL_CPU_MODEL, 1), model);
}

static inline uc_err unicorn_forget_code(const struct unicorn_library *library, uc_engine *engine,
                                         uint64_t begin, uint64_t end) {
  return library->ctl(engine, UC_CTL_WRITE(UC_CTL_TB_REMOVE_CACHE, 2), begin, end);
}

static inline uc_err unicorn_add_hook(const struct unicorn_library *library, uc_engine *engine,
                                      uc_hook *hook, int type, void *callback, void *user_data) {
  return library->hook_add(engine, hook, type, callback, user_data, (uint64_t)1, (uint64_t)0);
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
  __typeof__(&uc_emu_stop) stop;
};

static inline void unicorn_trace_instruction(uc_engine *engine, uint64_t address, uint32_t size,
                                             void *user_data) {
  struct instruction_trace *trace = (struct instruction_trace *)user_data;
  if (trace->executed >= trace->limit || address == trace->breakpoint) {
    trace->stopped = true;
    trace->stop(engine);
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

static inline uc_err unicorn_add_trace(const struct unicorn_library *library, uc_engine *engine,
                                       uc_hook *hook, struct instruction_trace *trace) {
  return unicorn_add_hook(library, engine, hook, UC_HOOK_CODE, (void *)unicorn_trace_instruction,
                          trace);
}
