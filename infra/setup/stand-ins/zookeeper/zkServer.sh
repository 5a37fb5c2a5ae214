#!/bin/sh
# What the official image's script of this name does for "start-foreground FILE", the only verb that is used here.
[ "$1" = start-foreground ] && [ $# -eq 2 ] || { echo "usage: zkServer.sh start-foreground FILE" >&2; exit 2; }
jars=/usr/share/java
# The codec is missing from what Debian says that ZooKeeper needs.
exec java $SERVER_JVMFLAGS -cp $jars/zookeeper.jar:$jars/netty-codec.jar:$jars/slf4j-simple.jar \
  -Dzookeeper.jmx.log4j.disable=true org.apache.zookeeper.server.quorum.QuorumPeerMain "$2"
