namespace Koubou.Gateway.Binding;

/// <summary>Set on every connection: the door it came in by.</summary>
internal sealed record DoorFeature(Door Door);
