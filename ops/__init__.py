"""The operator's command line. Folders hold what an operator does; a command is a file in commands/.

__main__.py    `python -m ops`
aws_errors.py  AWS's errors in one line that says what to do
cli.py         the command line: the list of commands, one parser, and errors as one line and an exit status
command.py     what a command is: a name, its arguments, and a function from arguments to an outcome
console.py     what an operator sees: answers on stdout, everything else on stderr
errors.py      what can go wrong at the command line
interrupts.py  Ctrl-C and termination signals as an exception, once
invocation.py  how this program is called here, so that what its messages say to type works as it stands
batches.py     writes to a table, as many items a call as DynamoDB takes
restored.py    a restored table compared with the live one
synthetic.py   Finds and removes what fill, smoke tests, load and drills made: items marked Synthetic
"""
