namespace Koubou.Web.Language;

/// <summary>Names the resource files that hold all words of the pages: <c>Words.resx</c>, <c>Words.ja.resx</c>.</summary>
public sealed class Words;
