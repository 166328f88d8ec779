namespace Koubou.Gateway.Rest.Native.Keys;

/// <summary>Every key that opens this gateway.</summary>
public sealed record KeysReply(IReadOnlyList<KeyView> Keys);
