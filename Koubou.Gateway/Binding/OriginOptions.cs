namespace Koubou.Gateway.Binding;

/// <summary>Names and pages that may use this gateway besides its own.</summary>
internal sealed class OriginOptions
{
    public const string Section = "Koubou:Gateway";

    /// <summary>Names that the Host header may carry besides those of loopback. Default: none while only loopback is bound, any otherwise.</summary>
    public IList<string> AllowedHosts { get; } = [];

    /// <summary>Origins, such as <c>https://tools.example</c>, whose pages may read, post and open sockets. Default: none.</summary>
    public IList<string> AllowedOrigins { get; } = [];
}
