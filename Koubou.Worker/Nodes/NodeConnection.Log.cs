namespace Koubou.Worker.Nodes;

internal sealed partial class NodeConnection
{
    [LoggerMessage(LogLevel.Information, "Node {NodeId} works for scheduler {SchedulerId} at {Address}")]
    private partial void LogConnected(string nodeId, string schedulerId, string address);

    [LoggerMessage(LogLevel.Warning,
        "No connection to the scheduler at {Address}. {Reason} Running work goes on; trying again until it is there")]
    private partial void LogLost(string address, string reason);

    [LoggerMessage(LogLevel.Debug, "Still no connection to the scheduler at {Address} after {Failures} tries: {Reason}")]
    private partial void LogStillLost(string address, string reason, int failures);
}
