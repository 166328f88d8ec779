using System.Text;

namespace Koubou.Gateway.GraphQL;

/// <summary>Names as GraphQL writes them.</summary>
internal static class GraphQlNames
{
    /// <summary>Sample: <c>data_policy</c> becomes <c>dataPolicy</c>.</summary>
    public static string Camel(string snake)
    {
        var name = new StringBuilder(snake.Length);
        for (var i = 0; i < snake.Length; i++)
        {
            if (snake[i] != '_')
            {
                name.Append(i > 0 && snake[i - 1] == '_' ? char.ToUpperInvariant(snake[i]) : snake[i]);
            }
        }

        return name.ToString();
    }
}
