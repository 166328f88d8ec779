using System.Text;

namespace Koubou.Cli.Workshop;

/// <summary>The query of a request. What is not given is left out.</summary>
internal sealed class Query
{
    private readonly StringBuilder _text = new();

    public bool IsEmpty => _text.Length == 0;

    public Query Add(string name, string? value)
    {
        if (value is not null)
        {
            _text.Append(_text.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }

        return this;
    }

    public Query Add(string name, IEnumerable<string>? values)
    {
        foreach (var value in values ?? [])
        {
            Add(name, value);
        }

        return this;
    }

    public override string ToString() => _text.ToString();
}
