namespace Koubou.Gateway.Rest.Native.Operations;

/// <summary>A worker node's limits.</summary>
/// <param name="SlotsMax">At most so many craftsmen; 0: no limit of the operator's.</param>
public sealed record LimitsRequest(int SlotsMax);
