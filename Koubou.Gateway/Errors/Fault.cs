namespace Koubou.Gateway.Errors;

/// <summary>One thing wrong with one field: <c>priority</c>, <c>must be a whole number from 1 to 10; was "high"</c>.</summary>
internal readonly record struct Fault(string Field, string Sentence);
