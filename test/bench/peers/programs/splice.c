// The limit of any proxy in user space: accept, wait for the hello, connect, move bytes by splice(2). Decides nothing, keeps
// nothing. Use: splice LISTEN-IP LISTEN-PORT SERVER-IP SERVER-PORT. Prints "ready" once it listens.
#include "net.h"

#define PIPE_BYTES 1048576
#define TURN 8  // pipes full that one direction may move before the others get their turn
#define POOL 64

struct link;

struct side {
  struct link *link;
  int fd, readable, writable;
};

// One direction; a pipe is held only while bytes are in it.
struct way {
  int pipe[2], has_pipe, ended, done;
  size_t inside;
};

struct link {
  struct side client, server;
  struct way out, in;
  int open, queued;
  struct link *next_again, *next_dead;
};

static int epoll, pool[POOL][2], pooled;
static struct sockaddr_in upstream;
static struct link *again, *dead;

static void give_back(struct way *way) {
  if (!way->has_pipe) return;
  way->has_pipe = 0;
  if (way->inside == 0 && pooled < POOL) {
    memcpy(pool[pooled++], way->pipe, sizeof way->pipe);
    return;
  }
  close(way->pipe[0]);
  close(way->pipe[1]);
}

static void borrow(struct way *way) {
  if (way->has_pipe) return;
  way->has_pipe = 1;
  if (pooled > 0) {
    memcpy(way->pipe, pool[--pooled], sizeof way->pipe);
    return;
  }
  if (pipe2(way->pipe, O_NONBLOCK | O_CLOEXEC) < 0) die("pipe2");
  fcntl(way->pipe[1], F_SETPIPE_SZ, PIPE_BYTES);
}

// 1: more to do, 0: waits for the kernel, -1: broken.
static int move(struct way *way, struct side *from, struct side *to) {
  for (int turn = 0; turn < TURN && !way->done; turn++) {
    ssize_t in = 0, out = 0;
    if (from->readable && !way->ended && way->inside < PIPE_BYTES) {
      borrow(way);
      in = splice(from->fd, NULL, way->pipe[1], NULL, PIPE_BYTES - way->inside, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
      if (in > 0) way->inside += in;
      else if (in == 0) way->ended = 1;
      else if (errno != EAGAIN) return -1;
      else if (way->inside == 0) from->readable = 0;
    }
    if (way->inside > 0 && to->writable) {
      out = splice(way->pipe[0], NULL, to->fd, NULL, way->inside, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
      if (out > 0) way->inside -= out;
      else if (errno != EAGAIN) return -1;
      else to->writable = 0;
    }
    if (way->inside == 0) give_back(way);
    if (way->ended && way->inside == 0) {
      shutdown(to->fd, SHUT_WR);
      way->done = 1;
    } else if (in <= 0 && out <= 0) return 0;
  }
  return !way->done;
}

static void end(struct link *link) {
  give_back(&link->out);
  give_back(&link->in);
  close(link->client.fd);
  if (link->server.fd >= 0) close(link->server.fd);
  link->client.fd = -1;
  link->next_dead = dead;  // events of this round may still name it
  dead = link;
}

static void dial(struct link *link) {
  link->server.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  no_delay(link->server.fd);
  if (connect(link->server.fd, (struct sockaddr *)&upstream, sizeof upstream) < 0 && errno != EINPROGRESS) end(link);
  else watch(epoll, EPOLL_CTL_ADD, link->server.fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, &link->server);
}

static void run(struct link *link) {
  if (link->client.fd < 0) return;
  if (link->server.fd < 0) {
    if (link->client.readable) dial(link);
    return;
  }
  if (!link->open && !link->server.writable) return;
  link->open = 1;
  int out = move(&link->out, &link->client, &link->server), in = move(&link->in, &link->server, &link->client);
  if (out < 0 || in < 0 || (link->out.done && link->in.done)) end(link);
  else if ((out > 0 || in > 0) && !link->queued) {
    link->queued = 1;
    link->next_again = again;
    again = link;
  }
}

static void accept_all(int listening) {
  for (;;) {
    int fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    struct link *link = calloc(1, sizeof *link);
    link->client = (struct side){.link = link, .fd = fd};
    link->server = (struct side){.link = link, .fd = -1};
    watch(epoll, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, &link->client);
  }
}

static void noted(struct epoll_event *event) {
  struct side *side = event->data.ptr;
  if (side->link->client.fd < 0) return;
  if (event->events & EPOLLERR) {
    end(side->link);
    return;
  }
  if (event->events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP)) side->readable = 1;
  if (event->events & EPOLLOUT) side->writable = 1;
  if (!side->link->queued) run(side->link);
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  signal(SIGPIPE, SIG_IGN);
  all_descriptors();
  int listening = listener(argv[1], argv[2]);
  upstream = address(argv[3], argv[4]);
  epoll = epoll_create1(EPOLL_CLOEXEC);
  watch(epoll, EPOLL_CTL_ADD, listening, EPOLLIN, NULL);
  puts("ready");
  fflush(stdout);
  struct epoll_event events[256];
  for (;;) {
    int count = epoll_wait(epoll, events, 256, again == NULL ? -1 : 0);
    for (int i = 0; i < count; i++) {
      if (events[i].data.ptr == NULL) accept_all(listening);
      else noted(&events[i]);
    }
    for (struct link *link = again, *next = again = NULL; link != NULL; link = next) {
      next = link->next_again;
      link->queued = 0;
      run(link);
    }
    for (struct link *link = dead, *next; link != NULL; link = next) {
      next = link->next_dead;
      free(link);
    }
    dead = NULL;
  }
}
