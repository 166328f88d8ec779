namespace Koubou.Gateway.Rest.Native.Operations;

/// <summary>What became of imported tasks.</summary>
/// <param name="Imported">So many came in.</param>
/// <param name="PassedOver">So many were here already.</param>
public sealed record ImportView(long Imported, long PassedOver);
