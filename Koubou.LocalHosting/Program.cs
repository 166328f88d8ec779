using System.Globalization;
using Koubou.LocalHosting.Processes;

// This assembly is a library that is also a program: started on its own, it is the guard of a workshop.
if (args is not [var workshop, var grace])
{
    Console.Error.WriteLine("Koubou.LocalHosting starts itself as the guard of a workshop; run Koubou.AppHost instead.");
    return 2;
}

await Guard.KeepAsync(workshop, TimeSpan.FromMilliseconds(double.Parse(grace, CultureInfo.InvariantCulture)));
return 0;
