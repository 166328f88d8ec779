using System.CommandLine;
using Koubou.Cli.Terminal;

namespace Koubou.Cli.Workshop;

/// <summary>One run of a command that speaks to the workshop.</summary>
internal sealed class Session(ParseResult parsed, GatewayClient gateway, Surface surface, bool asJson)
{
    public GatewayClient Gateway => gateway;

    public Surface Surface => surface;

    /// <summary>A script reads this: what the workshop answered, unchanged.</summary>
    public bool AsJson => asJson;

    public ParseResult Parsed => parsed;

    public T? Value<T>(Option<T> option) => parsed.GetValue(option);

    public T? Value<T>(Argument<T> argument) => parsed.GetValue(argument);
}
