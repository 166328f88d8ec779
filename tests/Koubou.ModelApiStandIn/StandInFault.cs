namespace Koubou.ModelApiStandIn;

/// <summary>A refusal as the real server words it.</summary>
public sealed record StandInFault(int Status, string Code, string Message, string? RetryAfter = null);
