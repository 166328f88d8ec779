namespace Koubou.Gateway.Rest.Native;

/// <summary>A piece of the output as it is written.</summary>
/// <param name="Offset">Where it starts, in UTF-16 units.</param>
/// <param name="Text">The piece.</param>
/// <param name="Attempt">The attempt that wrote it.</param>
public sealed record OutputChunkView(long Offset, string Text, int Attempt);

/// <summary>A new attempt began: what was shown before is void.</summary>
/// <param name="Attempt">Its number.</param>
public sealed record OutputResetView(int Attempt);

/// <summary>What the running attempt says of itself.</summary>
/// <param name="Progress">One short note.</param>
public sealed record OutputProgressView(string Progress);
