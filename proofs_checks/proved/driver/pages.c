/* Memory by large pages, where the system gives them: a fifth of a short run goes into the faults of small ones. */
#define _GNU_SOURCE
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <caml/mlvalues.h>

value proved_large_pages(value bytes)
{
  uintptr_t from = (uintptr_t)sbrk(0), page = 1 << 21;
  mallopt(M_MMAP_THRESHOLD, 1 << 25); /* one region for all, kept when it is freed */
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_TOP_PAD, Int_val(bytes));
  void *volatile region = malloc(1 << 20);
  free(region);
  from = (from + page - 1) & -page;
  madvise((void *)from, ((uintptr_t)sbrk(0) & -page) - from, MADV_HUGEPAGE);
  return Val_unit;
}
