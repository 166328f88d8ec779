namespace Koubou.Worker.Backends.AgentCli;

/// <summary>Fills the places in an agent's arguments. No shell reads them, so nothing needs to be quoted.</summary>
internal static class AgentArguments
{
    /// <summary>
    /// <c>--model {model}</c> without a model is left out whole: an argument that is only a place, and the option before it.
    /// </summary>
    public static List<string> Fill(IEnumerable<string> arguments, IReadOnlyDictionary<string, string> values)
    {
        var filled = new List<string>();
        foreach (var argument in arguments)
        {
            if (values.TryGetValue(argument, out var whole) && whole.Length == 0)
            {
                if (filled.Count > 0 && filled[^1].StartsWith('-'))
                {
                    filled.RemoveAt(filled.Count - 1);
                }

                continue;
            }

            filled.Add(Fill(argument, values));
        }

        return filled;
    }

    // In one pass: what a prompt says in braces is not filled again.
    private static string Fill(string argument, IReadOnlyDictionary<string, string> values)
    {
        var begin = 0;
        var text = new System.Text.StringBuilder();
        while (begin < argument.Length)
        {
            var place = values.Keys.FirstOrDefault(key => string.CompareOrdinal(argument, begin, key, 0, key.Length) == 0);
            text.Append(place is null ? argument[begin].ToString() : values[place]);
            begin += place?.Length ?? 1;
        }

        return text.ToString();
    }
}
