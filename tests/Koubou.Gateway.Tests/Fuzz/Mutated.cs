using CsCheck;

namespace Koubou.Gateway.Tests.Fuzz;

/// <summary>Texts that were good once: a piece cut out, noise put in. A failing sample prints the seed that repeats it.</summary>
internal static class Mutated
{
    // What parsers stumble over, beside what chance thinks of.
    private static readonly string[] Nasty =
    [
        "\0", "\ufeff", "\ud83d", "\\ud83d", "\\u0000", "\"", "{", "[", "]]]]", "null", "-1", "1e999", "9223372036854775808",
        "' or 1=1 --", "../../etc/passwd", "%00", "\r\nX-Injected: 1", "<script>", "${jndi:x}", "工房", new string('[', 200), new string('9', 400),
    ];

    private static readonly Gen<string> Noise = Gen.OneOf(Gen.String[0, 12], Gen.Int[0, Nasty.Length - 1].Select(i => Nasty[i]));

    public static Gen<string> Of(params string[] seeds) =>
        Gen.Select(Gen.Int[0, seeds.Length - 1], Noise, Gen.Int[0, 400], Gen.Int[0, 60]).Select((which, noise, at, cut) =>
        {
            var seed = seeds[which];
            var start = at % (seed.Length + 1);
            return seed[..start] + noise + seed[Math.Min(seed.Length, start + cut)..];
        });

    public static Gen<string> Word => Noise;
}
