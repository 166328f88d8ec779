// Who asks is this service's own type; the contract's of that name is only how it is told to the scheduler.
global using Caller = Koubou.Gateway.Keys.Caller;
