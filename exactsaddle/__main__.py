"""``python -m exactsaddle``: the command line."""

from exactsaddle.cli import main

if __name__ == "__main__":
    main()
