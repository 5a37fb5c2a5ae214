module flotilla.dev/cluster/supervisor

go 1.26.0
