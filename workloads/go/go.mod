module switchyard/bench

go 1.19
