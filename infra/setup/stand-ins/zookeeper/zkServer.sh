#!/bin/sh
# What the official image's script of this name does for "start-foreground FILE", the only verb that is used here.
[ "$1" = start-foreground ] && [ $# -eq 2 ] || { echo "usage: zkServer.sh start-foreground FILE" >&2; exit 2; }
exec java $SERVER_JVMFLAGS -cp /usr/share/java/zookeeper.jar:/usr/share/java/slf4j-simple.jar \
  -Dzookeeper.jmx.log4j.disable=true org.apache.zookeeper.server.quorum.QuorumPeerMain "$2"
