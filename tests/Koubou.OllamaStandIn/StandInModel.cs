namespace Koubou.OllamaStandIn;

/// <summary>A model that the stand-in claims to have.</summary>
public sealed record StandInModel(string Name, string? RemoteHost, string? RemoteModel);

/// <summary>A request as it came over the wire.</summary>
public sealed record StandInRequest(string Path, string Body);
