// The client of every measurement. Use: load KIND IP PORT HELLO-FILE NUMBERS…; one line of JSON at the end.
//   latency  COUNT                   one connection after the other; microseconds from connect() to the first byte of the answer
//   rate     PROCESSES EACH MS       EACH connections at a time in each process; "go" when the clock starts
//   bulk     STREAMS WARM_MS MS      reads STREAMS endless answers; "go" when the clock starts
//   idle     COUNT                   opens COUNT, each answered once, prints "go", holds them until its input ends
//   stall    COUNT                   the same with endless answers of which only the first byte is read
#include "net.h"
#include <sys/time.h>
#include <sys/wait.h>

static struct sockaddr_in target;
static unsigned char hello[HELLO_MAX];
static size_t hello_bytes;
static long errors;

static void read_hello(const char *path, unsigned char wish) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) die(path);
  hello_bytes = fread(hello, 1, sizeof hello, file);
  fclose(file);
  hello[WISH_AT] = wish;
}

static void say_go(void) {
  puts("go");
  fflush(stdout);
}

// A blocking connection whose answer has begun; -1 when it failed.
static int ask(void) {
  char answer[1];
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) die("socket");
  no_delay(fd);
  // One that never answers is an error like any other, and must not hold up the run.
  struct timeval limit = {.tv_sec = 5};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (connect(fd, (struct sockaddr *)&target, sizeof target) == 0 &&
      send(fd, hello, hello_bytes, MSG_NOSIGNAL) == (ssize_t)hello_bytes && recv(fd, answer, 1, 0) == 1)
    return fd;
  errors++;
  close(fd);
  return -1;
}

// The rest of a short answer must be read, or close() would send a reset.
static void leave(int fd) {
  char rest[ANSWER_BYTES];
  while (recv(fd, rest, sizeof rest, MSG_DONTWAIT) > 0);
  close(fd);
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static void latency(int count) {
  double *took = calloc(count, sizeof *took);
  int done = 0;
  for (int i = 0; i < count; i++) {
    double from = now_us();
    int fd = ask();
    if (fd < 0) continue;
    took[done++] = now_us() - from;
    leave(fd);
  }
  qsort(took, done, sizeof *took, by_size);
  double p50 = done ? took[done / 2] : 0, p99 = done ? took[done * 99 / 100] : 0;
  printf("{\"p50\":%.1f,\"p99\":%.1f,\"errors\":%ld}\n", p50, p99, errors);
}

// --- rate ---

static void open_one(int epoll) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) die("socket");
  no_delay(fd);
  if (connect(fd, (struct sockaddr *)&target, sizeof target) < 0 && errno != EINPROGRESS) die("connect");
  struct epoll_event event = {.events = EPOLLOUT, .data.fd = fd};
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

// True when the connection is over, well or not.
static int step(int epoll, int fd, uint32_t events, long *good) {
  char answer[ANSWER_BYTES + 1];
  if (events & EPOLLOUT) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (send(fd, hello, hello_bytes, MSG_NOSIGNAL) == (ssize_t)hello_bytes) {
      epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event);
      return 0;
    }
  } else if (recv(fd, answer, sizeof answer, 0) == ANSWER_BYTES) {
    (*good)++;
    return 1;
  }
  errors++;
  return 1;
}

static void rate_process(int each, double until, int report) {
  long result[2] = {0, 0};
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  for (int i = 0; i < each; i++) open_one(epoll);
  struct epoll_event events[256];
  while (now_us() < until) {
    int count = epoll_wait(epoll, events, 256, 10);
    for (int i = 0; i < count; i++) {
      int fd = events[i].data.fd;
      if (!step(epoll, fd, events[i].events, &result[0])) continue;
      close(fd);
      open_one(epoll);
    }
  }
  result[1] = errors;
  if (write(report, result, sizeof result) != sizeof result) die("write");
  _exit(0);
}

static void rate(int processes, int each, double ms) {
  int report[2];
  long good = 0, part[2];
  if (pipe(report) < 0) die("pipe");
  say_go();
  double from = now_us(), until = from + ms * 1e3;
  for (int i = 0; i < processes; i++)
    if (fork() == 0) rate_process(each, until, report[1]);
  for (int i = 0; i < processes; i++) {
    if (read(report[0], part, sizeof part) != sizeof part) die("read");
    good += part[0];
    errors += part[1];
  }
  printf("{\"connections\":%ld,\"seconds\":%.6f,\"errors\":%ld}\n", good, (now_us() - from) / 1e6, errors);
  fflush(stdout);
  while (wait(NULL) > 0);
}

// --- bulk ---

static void bulk(int streams, double warm_ms, double ms) {
  static char sink[262144];
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  for (int i = 0; i < streams; i++) {
    int fd = ask();
    if (fd < 0) continue;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  }
  double from = 0, warm = now_us() + warm_ms * 1e3, until = warm + ms * 1e3, bytes = 0;
  struct epoll_event events[64];
  for (double now = now_us(); now < until && errors < streams; now = now_us()) {
    if (from == 0 && now >= warm) {
      from = now;
      bytes = 0;
      say_go();
    }
    int count = epoll_wait(epoll, events, 64, 100);
    for (int i = 0; i < count; i++) {
      ssize_t n = recv(events[i].data.fd, sink, sizeof sink, MSG_DONTWAIT);
      if (n > 0) bytes += n;
      else if (n == 0 || errno != EAGAIN) {
        errors++;
        close(events[i].data.fd);
      }
    }
  }
  printf("{\"bytes\":%.0f,\"seconds\":%.6f,\"errors\":%ld}\n", bytes, (now_us() - from) / 1e6, errors);
}

static void hold(int count) {
  char none;
  for (int i = 0; i < count; i++) ask();
  say_go();
  while (read(0, &none, 1) > 0);
  printf("{\"errors\":%ld}\n", errors);
}

int main(int argc, char **argv) {
  if (argc < 6) return 2;
  const char *kind = argv[1];
  int number = atoi(argv[5]);
  int endless = strcmp(kind, "bulk") == 0 || strcmp(kind, "stall") == 0;
  all_descriptors();
  target = address(argv[2], argv[3]);
  read_hello(argv[4], endless ? WISH_BULK : WISH_ANSWER);
  if (strcmp(kind, "latency") == 0) latency(number);
  else if (strcmp(kind, "rate") == 0 && argc == 8) rate(number, atoi(argv[6]), atof(argv[7]));
  else if (strcmp(kind, "bulk") == 0 && argc == 8) bulk(number, atof(argv[6]), atof(argv[7]));
  else if (strcmp(kind, "idle") == 0 || strcmp(kind, "stall") == 0) hold(number);
  else return 2;
  return 0;
}
