namespace Koubou.Gateway.GraphQL;

/// <summary>How much one client may ask for in one breath.</summary>
internal sealed class GraphQlOptions
{
    public const string Section = "Koubou:Gateway:GraphQl";

    /// <summary>How deep selections may nest. Default: 20; the usual introspection needs 15.</summary>
    public int DepthMax { get; set; } = 20;

    /// <summary>The estimated number of values in an answer. Default: 250,000.</summary>
    public int ComplexityMax { get; set; } = 250_000;

    /// <summary>Selections, directives and variables in one document, fragments expanded. Default: 5,000.</summary>
    public int SelectionsMax { get; set; } = 5_000;

    /// <summary>Requests in one batch. Default: 10.</summary>
    public int BatchMax { get; set; } = 10;

    /// <summary>Operations that run at once on one WebSocket. Default: 100.</summary>
    public int OperationsMax { get; set; } = 100;

    /// <summary>How long a fresh WebSocket may stay silent before its connection_init. Default: 10 seconds.</summary>
    public TimeSpan InitTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The shortest pause between two statuses of one subscription. Default: 250 milliseconds.</summary>
    public TimeSpan StatusInterval { get; set; } = TimeSpan.FromMilliseconds(250);
}
