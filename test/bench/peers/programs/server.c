// The server of every measurement: reads a ClientHello, then answers a few bytes or sends without end, as the hello wishes.
// Use: server IP PORT…. Prints "ready" once it listens.
#include "net.h"

#define CHUNK 262144
#define LISTENS 1

struct peer {
  int fd;
  int wish;  // 0 while the hello is read
  size_t seen;
  unsigned char head[WISH_AT + 1];
};

static char chunk[CHUNK];

static int finish(struct peer *peer) {
  close(peer->fd);
  free(peer);
  return 0;
}

static size_t hello_bytes(const struct peer *peer) {
  return 5 + ((size_t)peer->head[3] << 8 | peer->head[4]);
}

// Reads what came; true while the peer lives.
static int readable(struct peer *peer) {
  unsigned char in[HELLO_MAX];
  ssize_t n = recv(peer->fd, in, sizeof in, 0);
  if (n < 0 && errno == EAGAIN) return 1;
  if (n <= 0) return finish(peer);
  for (ssize_t i = 0; i < n && peer->seen + i < sizeof peer->head; i++) peer->head[peer->seen + i] = in[i];
  peer->seen += n;
  if (peer->wish != 0 || peer->seen < sizeof peer->head || peer->seen < hello_bytes(peer)) return 1;
  peer->wish = peer->head[WISH_AT];
  if (peer->wish == WISH_ANSWER && send(peer->fd, chunk, ANSWER_BYTES, MSG_NOSIGNAL) < 0) return finish(peer);
  return 1;
}

static int writable(struct peer *peer) {
  ssize_t n = send(peer->fd, chunk, CHUNK, MSG_NOSIGNAL);
  return n < 0 && errno != EAGAIN ? finish(peer) : 1;
}

static void accept_all(int epoll, int listening) {
  for (;;) {
    int fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    struct peer *peer = calloc(1, sizeof *peer);
    peer->fd = fd;
    watch(epoll, EPOLL_CTL_ADD, fd, EPOLLIN, peer);
  }
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  all_descriptors();
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  for (int i = 2; i < argc; i++) {
    struct peer *listening = calloc(1, sizeof *listening);
    listening->fd = listener(argv[1], argv[i]);
    listening->wish = LISTENS;
    watch(epoll, EPOLL_CTL_ADD, listening->fd, EPOLLIN, listening);
  }
  puts("ready");
  fflush(stdout);
  struct epoll_event events[256];
  for (;;) {
    int count = epoll_wait(epoll, events, 256, -1);
    for (int i = 0; i < count; i++) {
      struct peer *peer = events[i].data.ptr;
      if (peer->wish == LISTENS) {
        accept_all(epoll, peer->fd);
        continue;
      }
      int before = peer->wish;
      if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR) && !readable(peer)) continue;
      if (events[i].events & EPOLLOUT && !writable(peer)) continue;
      if (before == 0 && peer->wish == WISH_BULK) watch(epoll, EPOLL_CTL_MOD, peer->fd, EPOLLIN | EPOLLOUT, peer);
    }
  }
}
