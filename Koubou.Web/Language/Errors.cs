namespace Koubou.Web.Language;

/// <summary>
/// Names the resource files that say by code what the services say in English: <c>Errors.ja.resx</c>. English has none.
/// </summary>
public sealed class Errors;
