namespace Koubou.Gateway.Binding;

/// <summary>The ports of this service. Behind all of them stands the same pipeline; only their root paths differ.</summary>
internal enum Door
{
    /// <summary>8765: REST, dashboard, documents.</summary>
    Main,

    /// <summary>8766: the WebSocket of v2.1 at its root.</summary>
    WebSocket,

    /// <summary>8767: the port that v2.1 gave to GraphQL.</summary>
    GraphQl,
}
